"""Measurements (基准): what it costs, with the machine and the versions (基准测试)."""
