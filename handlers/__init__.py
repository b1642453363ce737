"""What is said: one file a conversation, written once for every channel (对话)."""
