"""The store behind a ChatKit server: its class, its methods, and what they do with the rows they are asked for."""
