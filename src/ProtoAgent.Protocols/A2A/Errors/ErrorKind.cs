namespace ProtoAgent.Protocols.A2A.Errors;

/// <summary>An error of the protocol as both bindings tell it (specification 5.4, 9.5, 11.6).</summary>
/// <param name="Code">Of JSON-RPC.</param>
/// <param name="Status">Of HTTP.</param>
/// <param name="StatusName">The same as <c>google.rpc.Code</c> names it.</param>
/// <param name="Reason">Of <c>google.rpc.ErrorInfo</c>; null for an error that is none of the protocol's own.</param>
internal sealed record ErrorKind(int Code, int Status, string StatusName, string? Reason)
{
    public static readonly ErrorKind Parse = new(-32700, 400, "INVALID_ARGUMENT", null);
    public static readonly ErrorKind InvalidRequest = new(-32600, 400, "INVALID_ARGUMENT", null);
    public static readonly ErrorKind MethodNotFound = new(-32601, 404, "NOT_FOUND", null);
    public static readonly ErrorKind InvalidParams = new(-32602, 400, "INVALID_ARGUMENT", null);
    public static readonly ErrorKind Internal = new(-32603, 500, "INTERNAL", null);

    /// <summary>The store or the whole instance is not there for the moment.</summary>
    public static readonly ErrorKind Unavailable = new(-32603, 503, "UNAVAILABLE", null);

    public static readonly ErrorKind TaskNotFound = new(-32001, 404, "NOT_FOUND", "TASK_NOT_FOUND");
    public static readonly ErrorKind TaskNotCancelable = new(-32002, 400, "FAILED_PRECONDITION", "TASK_NOT_CANCELABLE");
    public static readonly ErrorKind PushNotificationNotSupported = new(-32003, 400, "FAILED_PRECONDITION", "PUSH_NOTIFICATION_NOT_SUPPORTED");
    public static readonly ErrorKind UnsupportedOperation = new(-32004, 400, "FAILED_PRECONDITION", "UNSUPPORTED_OPERATION");
    public static readonly ErrorKind ContentTypeNotSupported = new(-32005, 400, "INVALID_ARGUMENT", "CONTENT_TYPE_NOT_SUPPORTED");
    public static readonly ErrorKind InvalidAgentResponse = new(-32006, 500, "INTERNAL", "INVALID_AGENT_RESPONSE");
    public static readonly ErrorKind ExtendedAgentCardNotConfigured = new(-32007, 400, "FAILED_PRECONDITION", "EXTENDED_AGENT_CARD_NOT_CONFIGURED");
    public static readonly ErrorKind ExtensionSupportRequired = new(-32008, 400, "FAILED_PRECONDITION", "EXTENSION_SUPPORT_REQUIRED");
    public static readonly ErrorKind VersionNotSupported = new(-32009, 400, "FAILED_PRECONDITION", "VERSION_NOT_SUPPORTED");
}
