"""An agentic loop as a resumable, with tools, a person who consents, a budget, and a crash that it survives."""
