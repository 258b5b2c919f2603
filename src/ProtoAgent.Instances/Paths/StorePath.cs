namespace ProtoAgent.Instances.Paths;

/// <summary>One row of the path table.</summary>
/// <param name="Store">The store's name as in <c>/api/runtime/status</c>.</param>
/// <param name="Path">Absolute.</param>
/// <param name="IsFolder">A folder the store fills, rather than one file.</param>
/// <param name="Reason">Why it lies there: the rule, or the override that moved it.</param>
/// <param name="IsMoved">An override moved it: it may lie anywhere.</param>
public sealed record StorePath(string Store, string Path, bool IsFolder, string Reason, bool IsMoved);

/// <summary>A store moved by the user out of the data home; still scoped by the instance's id.</summary>
/// <param name="Path">As given.</param>
/// <param name="Origin">The environment variable or the file and line it came from.</param>
public sealed record PathOverride(string Path, string Origin);

/// <summary>The overrides there are.</summary>
/// <param name="Knowledge"><c>knowledge.db_path</c>, <c>KNOWLEDGE_DB_PATH</c>: a file.</param>
/// <param name="Scheduler"><c>scheduler.db_dir</c>, <c>SCHEDULER_DB_DIR</c>: the folder that holds <c>&lt;agent&gt;/jobs.db</c>.</param>
/// <param name="Memory"><c>memory.path</c>, <c>MEMORY_PATH</c>: a folder.</param>
public sealed record PathOverrides(PathOverride? Knowledge = null, PathOverride? Scheduler = null, PathOverride? Memory = null);
