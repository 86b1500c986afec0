"""The layers: modules that hold parameters and call into `lucid.ops`."""
