"""The live job on Managed Service for Apache Flink. Its settings are the application's runtime properties."""

from jobs.entry import run
from jobs.stream import command

if __name__ == "__main__":
    run(command)
