"""What is shown: the local web chat, health, metrics (网页)."""
