"""What is said: text for people, formats for programs, exit codes."""
