"""What was built: the domain model of a ChatKit integration, and the readers that recognise it."""
