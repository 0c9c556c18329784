"""Every speed claim of this project, as a command."""
