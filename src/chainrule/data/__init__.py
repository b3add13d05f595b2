"""The data sets that ship with the package: four CSV files; SOURCES.md says where they are from."""
