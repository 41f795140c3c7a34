"""First steps: look at a source and write a configuration, suggest flows, the demo, what is installed."""
