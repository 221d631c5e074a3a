"""The live job on Managed Service for Apache Flink. Its settings are the application's runtime properties."""

from jobs.runtime.run_command import run_command
from jobs.stream import command

if __name__ == "__main__":
    run_command(command)
