using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>The models this instance may use, by name. Clients are made when first used.</summary>
public sealed class ModelCatalog(ModelOptions options) : IDisposable
{
    public ModelOptions Options => options;

    /// <summary>The default model's name.</summary>
    public string Default => options.Name;

    /// <summary>Every name a request may ask for, the default first.</summary>
    public IReadOnlyList<string> Names => throw new NotSupportedException();

    /// <param name="name">Null for the default.</param>
    public bool TryGet(string? name, [NotNullWhen(true)] out IChatClient? client, [NotNullWhen(true)] out string? model) => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}
