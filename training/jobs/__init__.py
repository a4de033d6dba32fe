"""The worker: durable jobs that train, register and promote, each step a checkpoint."""
