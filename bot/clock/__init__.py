"""The clock's own messages (时钟): what the clock asks for goes through the inbox like everything else."""
