using ProtoAgent.Agent.Models;

namespace ProtoAgent.Configuration;

/// <summary>
/// A key goes only where it was configured for. Where a change leads a model to another server, the key it had before would go along with the
/// next request: it is taken out of the instance's own file, and where it stands anywhere else the change is refused.
/// </summary>
internal static class MovedKeys
{
    private const string OpenAI = "openai";
    private const string Anthropic = "anthropic";

    /// <param name="was">Before the change.</param>
    /// <param name="now">As it would be with it.</param>
    /// <param name="given">Keys that came with the change: whoever gave them saw where they go.</param>
    public static IReadOnlyList<MovedKey> Find(InstanceConfiguration was, InstanceConfiguration now, IReadOnlyCollection<string> given)
    {
        var before = Servers(was).ToList();
        return
        [
            .. Servers(now)
                .Where(m => m.ApiKey is { } key && !given.Contains(key) && !before.Exists(b => b.Group == m.Group && ModelSettingsBuilder.SameServer(Server(b), Server(m))))
                .Select(m => (Model: m, Entry: Holder(now, m)))
                .Where(m => !IsAtHome(m.Model, m.Entry, before))
                .Select(m => new MovedKey(m.Entry.Key, m.Model.Group, Server(m.Model)!, m.Entry.Origin, m.Entry.Layer))
                .DistinctBy(m => m.Key),
        ];
    }

    /// <summary>All that is sent a key.</summary>
    private static IEnumerable<ModelOptions> Servers(InstanceConfiguration of)
    {
        var settings = of.Settings;
        return [settings.Model, .. settings.Model.Others.Values, .. settings.Knowledge.Embeddings is { } vectors ? [vectors] : Array.Empty<ModelOptions>()];
    }

    /// <summary>Its own address where none is set, so that one who writes that address down has not moved.</summary>
    private static Uri? Server(ModelOptions of) => of.BaseUrl ?? (of.Provider is OpenAI or Anthropic ? VendorOf(of.Provider) : null);

    private static Uri VendorOf(string provider) => new($"https://api.{provider}.com");

    /// <summary>The setting the key is read from.</summary>
    private static ConfigEntry Holder(InstanceConfiguration of, ModelOptions model)
    {
        string[] from = [.. model.Group == "model" ? [] : (string[])[$"{model.Group}.api_key"], .. model.Provider == Anthropic ? (string[])["model.anthropic_api_key"] : [], "model.api_key"];
        return from.Select(k => of.Entries.FirstOrDefault(e => e.Key == k && e.Value is not null)).OfType<ConfigEntry>().First();
    }

    /// <summary>A vendor's own variable holds the vendor's key, and may go there; unless it is in use elsewhere, as a proxy's.</summary>
    private static bool IsAtHome(ModelOptions model, ConfigEntry held, List<ModelOptions> before) =>
        held.Origin == Layers.Origin($"{model.Provider.ToUpperInvariant()}_API_KEY")
        && ModelSettingsBuilder.SameServer(Server(model), VendorOf(model.Provider))
        && !before.Exists(b => b.ApiKey == model.ApiKey);
}

/// <param name="Key">The setting that holds it.</param>
/// <param name="Group">Whose server it is that moved.</param>
internal sealed record MovedKey(string Key, string Group, Uri Server, string Origin, ConfigLayer Layer)
{
    /// <summary>What is wrong, and what to do.</summary>
    public string Problem => $"{Group} would go to {Server.GetLeftPart(UriPartial.Authority)}, and the key in '{Key}' ({Origin}) was not given for it. {Remedy}";

    private string Remedy => Layer is ConfigLayer.Environment or ConfigLayer.Flag or ConfigLayer.File
        ? "Take it out there and start again; or, if that server is to get it, send the same key along."
        : Key.StartsWith("models.", StringComparison.Ordinal) ? "Take it out there by hand first."
        : $"Send '{Key}' along with the key of that server; any word will do where it wants none.";
}
