"""What happens by the clock: APScheduler holds ticks only, the tables hold the truth (定时)."""
