namespace ProtoAgent.Composition;

/// <summary>What this program says of itself.</summary>
internal static class Product
{
    public static string Version { get; } = typeof(Product).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
