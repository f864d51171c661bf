"""The files an agent reads: agents, skills, manifests and the code they show, checked like code."""
