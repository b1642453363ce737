"""Operations (运维): backup, restore and the doctor; they return data, the command line words it."""
