"""The commands, a module a group; importing one registers its commands."""
