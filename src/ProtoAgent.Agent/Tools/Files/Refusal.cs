using System.ComponentModel;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>What the model is told of a path that can't be used: what is wrong with it, and what to do instead.</summary>
internal static class Refusal
{
    public const int NotPermitted = 1;
    public const int NotThere = 2;
    public const int Interrupted = 4;
    public const int NoSuchDevice = 6;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int AlreadyThere = 17;
    public const int CrossesBorder = 18;
    public const int NotAFolder = 20;
    public const int IsAFolder = 21;
    public const int NoSpace = 28;
    public const int ReadOnlyDisk = 30;
    public const int NameTooLong = 36;
    public const int NotSupported = 38;
    public const int NotEmpty = 39;
    public const int TooManyLinks = 40;
    public const int QuotaFull = 122;

    private const int LongestShown = 200;

    public static ToolException Outside(string path) => new(
        $"'{Shown(path)}' leads outside the workspace. Give a path inside it, relative to its top; list_dir shows what there is.");

    public static ToolException OutsideByLink(string path) => new(
        $"'{Shown(path)}' goes through a symbolic link that is absolute or leads outside the workspace, which is not followed. Use a path that does not.");

    /// <param name="path">As the model gave it, or relative to the workspace.</param>
    public static ToolException Of(int error, string path) => error switch
    {
        NotThere => new($"There is no '{Shown(path)}' in the workspace. list_dir shows what there is."),
        NotPermitted or AccessDenied => new($"This program has no right to do that to '{Shown(path)}'. Use another path."),
        CrossesBorder => OutsideByLink(path),
        NotAFolder => new($"A part of '{Shown(path)}' is a file where a folder must be. list_dir shows what there is."),
        IsAFolder => new($"'{Shown(path)}' is a folder, not a file. list_dir shows what is in it."),
        NoSuchDevice => Special(FileKind.Socket, path),
        NoSpace or QuotaFull => new($"'{Shown(path)}' could not be written: the disk is full. Delete what is no longer needed, or tell a person."),
        ReadOnlyDisk => new($"'{Shown(path)}' could not be changed: the disk is read-only. Tell a person."),
        NameTooLong => new($"'{Shown(path)}' is too long for this file system: a name may have 255 bytes. Use a shorter one."),
        NotEmpty => new($"'{Shown(path)}' is a folder that is not empty. Set recursive to true to delete it with all that is in it."),
        TooManyLinks => new($"'{Shown(path)}' goes through symbolic links that lead in a circle. Use a path that does not."),
        TryAgain => new($"'{Shown(path)}' kept changing while it was opened. Call again."),
        _ => new($"'{Shown(path)}' could not be used: {new Win32Exception(error).Message}."),
    };

    public static ToolException Special(FileKind kind, string path) => new($"'{Shown(path)}' is a {Named(kind)}, not a regular file, and is not opened. Use another path.");

    public static ToolException TooBig(string path, long bytes) => new(
        $"'{Shown(path)}' is {bytes:N0} bytes; at most {Workspace.LongestFile:N0} can be handled. Use a smaller file, or several.");

    /// <summary>A path for a message: not too long, and on one line.</summary>
    public static string Shown(string path) => OneLine(path.Length > LongestShown ? path[..SafeCut.Before(path, LongestShown)] + "…" : path);

    /// <summary>A name with a line break in it must not look like two.</summary>
    public static string OneLine(string name) => name.Any(char.IsControl) ? string.Concat(name.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : name;

    public static string Named(FileKind kind) => kind switch
    {
        FileKind.File => "file",
        FileKind.Folder => "folder",
        FileKind.Link => "symbolic link",
        FileKind.Fifo => "fifo",
        FileKind.Socket => "socket",
        _ => "device",
    };
}
