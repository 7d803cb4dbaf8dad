"""Polling: each target's jobs when they are due, on connections that are kept."""
