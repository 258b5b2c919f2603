namespace ProtoAgent.Instances.Paths;

/// <summary>This file system does not lock. An error, never a shrug: on it two processes could work one schedule.</summary>
public sealed class LockUnsupportedException(string path, string reason)
    : IOException($"This file system does not lock: {path} ({reason}). Put the data home on a local disk (PROTOAGENT_BOX_ROOT), or mount the volume with locks.");
