"""Protocols of others: the Open Inference Protocol (V2) and MLflow's scoring."""
