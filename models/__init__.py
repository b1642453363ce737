"""What is remembered: one noun a file (数据)."""
