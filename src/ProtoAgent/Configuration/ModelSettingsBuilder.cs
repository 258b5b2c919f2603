using System.Globalization;
using ProtoAgent.Agent.Models;

namespace ProtoAgent.Configuration;

/// <summary>The models' part of the settings: the default one (<c>model</c>) and those with an endpoint of their own (<c>models.*</c>).</summary>
internal sealed class ModelSettingsBuilder(Layers layers)
{
    private const string Main = "model";
    private const string Further = "models";
    private const string Offline = "offline";
    private const string OpenAI = "openai";
    private const string Anthropic = "anthropic";

    private readonly string _provider = layers.Text("model.provider") ?? DefaultProvider(layers).Provider;

    /// <summary>The provider is openai as soon as there is an endpoint or a key for it, else anthropic if there is a key for that.</summary>
    public static (string Provider, string Why) DefaultProvider(Layers layers) =>
        layers["model.base_url"] is { IsNull: false } ? (OpenAI, "default, because model.base_url is set")
        : layers["model.api_key"] is { IsNull: false } ? (OpenAI, "default, because there is a key")
        : layers["model.anthropic_api_key"] is { IsNull: false } ? (Anthropic, "default, because there is Anthropic's key")
        : (Offline, "default, because there is neither an endpoint nor a key");

    /// <summary>Where model servers are looked for.</summary>
    public IReadOnlyList<int> DetectPorts() => [.. PortTexts().Select(p => int.Parse(p, CultureInfo.InvariantCulture))];

    private IReadOnlyList<string> PortTexts() => layers["model.detect_ports"] is { IsNull: false } raw ? ConfigValues.List(raw) : ConfigKeys.Find("model.detect_ports")!.Default!.Split(',');

    /// <summary>What single values can't show.</summary>
    public void Refuse()
    {
        foreach (var port in PortTexts().Where(p => !int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n is < 1 or > 65535))
        {
            layers.Problems.Add($"{layers["model.detect_ports"]!.Origin}: 'model.detect_ports' holds '{port}', and must hold ports from 1 to 65535.");
        }

        if (_provider != Offline && layers.Text("model.name") is null)
        {
            layers.Problems.Add(
                $"model.provider is {_provider} and there is no model.name. Set PROTOAGENT_MODEL (or model.name) to a model the endpoint has, or model.provider to offline.");
        }

        foreach (var name in layers.Names(Further).Where(n => n == DefaultName))
        {
            layers.Problems.Add($"{Further}.{name} has the name of the default model. Set its parts under 'model', or give the further model another name and its own as models.<name>.model.");
        }

        foreach (var group in layers.Names(Further).Select(n => $"{Further}.{n}").Prepend(Main))
        {
            if (layers[$"{group}.input_price"] is { IsNull: false } != layers[$"{group}.output_price"] is { IsNull: false })
            {
                layers.Problems.Add($"{group} has one price of two. Set {group}.input_price and {group}.output_price together (USD per million tokens).");
            }
        }

        RefuseFallbacks();
        RefuseSubagentModels();
    }

    public ModelOptions Build()
    {
        var main = new ModelOptions
        {
            Provider = _provider,
            BaseUrl = HomeOf(_provider),
            Name = DefaultName ?? Offline,
            Names = _provider == Offline ? [] : layers.List("model.names"),
            Fallbacks = _provider == Offline ? [] : layers.List("model.fallbacks"),
            ApiKey = KeyOf(_provider),
            Timeout = TimeSpan.FromSeconds(layers.Number("model.timeout_seconds")),
            Retries = (int)layers.Number("model.retries"),
            MaxOutputTokens = Tokens(Main),
            Price = Price(Main),
        };
        return main with { Others = layers.Names(Further).ToDictionary(n => n, n => Named(n, main), StringComparer.Ordinal) };
    }

    private string? DefaultName => _provider == Offline ? Offline : layers.Text("model.name");

    private string[] Others => [.. layers.List("model.names"), .. layers.Names(Further)];

    private void RefuseSubagentModels()
    {
        foreach (var key in layers.Names("subagents").Select(n => $"subagents.{n}.model").Append("memory.model"))
        {
            if (layers.Text(key) is { } name && name != DefaultName && !Others.Contains(name))
            {
                layers.Problems.Add($"{layers[key]!.Origin}: '{key}' names '{name}', which is not configured. Add it to model.names, or as models.{name}.{NearestName.Hint(name, Others)}");
            }
        }
    }

    private void RefuseFallbacks()
    {
        // Without an endpoint there is nothing to fall back from; the names may be those of a machine that has one.
        if (_provider == Offline || layers["model.fallbacks"] is not { IsNull: false } raw)
        {
            return;
        }

        var names = Others;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in layers.List("model.fallbacks"))
        {
            if (name == DefaultName)
            {
                layers.Problems.Add($"{raw.Origin}: 'model.fallbacks' names '{name}', which is the default itself. Take it out: it is asked first anyway.");
            }
            else if (!names.Contains(name))
            {
                layers.Problems.Add($"{raw.Origin}: 'model.fallbacks' names '{name}', which is not configured. Add it to model.names, or as models.{name}.{NearestName.Hint(name, names)}");
            }
            else if (!seen.Add(name))
            {
                layers.Problems.Add($"{raw.Origin}: 'model.fallbacks' names '{name}' twice.");
            }
        }
    }

    private ModelOptions Named(string name, ModelOptions main)
    {
        var group = $"{Further}.{name}";
        var address = layers.Text($"{group}.base_url");
        var provider = layers.Text($"{group}.provider")
            ?? (_provider == Offline && (address ?? layers.Text($"{group}.api_key")) is not null ? OpenAI : _provider);
        var home = HomeOf(provider);
        var url = address is null ? home : ConfigValues.Url(address);
        return new ModelOptions
        {
            Group = group,
            Provider = provider,
            BaseUrl = url,
            Name = layers.Text($"{group}.model") ?? name,

            // A key is for whoever gave it: another endpoint does not get to see it.
            ApiKey = layers.Text($"{group}.api_key") ?? (SameServer(url, home) ? KeyOf(provider) : null),
            Timeout = layers.Text($"{group}.timeout_seconds") is null ? main.Timeout : TimeSpan.FromSeconds(layers.Number($"{group}.timeout_seconds")),
            Retries = main.Retries,
            MaxOutputTokens = Tokens(group) ?? (provider == main.Provider ? main.MaxOutputTokens : null),
            Price = Price(group),
        };
    }

    /// <summary>Where a provider's models are reached unless they say otherwise; null for its own address.</summary>
    private Uri? HomeOf(string provider) =>
        provider != _provider || (provider == Anthropic && layers.IsFrom("model.base_url", "OPENAI_BASE_URL")) ? null
        : layers.Text("model.base_url") is { } url ? ConfigValues.Url(url) : null;

    /// <summary>OPENAI_API_KEY is OpenAI's whatever the provider; model.api_key written by hand is for the provider that is set.</summary>
    private string? KeyOf(string provider)
    {
        var isOpenAIs = layers.IsFrom("model.api_key", "OPENAI_API_KEY");
        var given = layers.Text("model.api_key");
        return provider switch
        {
            Anthropic => layers.Text("model.anthropic_api_key") ?? (_provider == Anthropic && !isOpenAIs ? given : null),
            OpenAI => _provider != Anthropic || isOpenAIs ? given : null,
            _ => null,
        };
    }

    public static bool SameServer(Uri? a, Uri? b) =>
        a is null || b is null ? a == b : Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private ModelPrice? Price(string group) =>
        layers.Text($"{group}.input_price") is { } input && layers.Text($"{group}.output_price") is { } output
            ? new ModelPrice(ConfigValues.Decimal(input)!.Value, ConfigValues.Decimal(output)!.Value) : null;

    private int? Tokens(string group) => layers.Text($"{group}.max_output_tokens") is null ? null : (int)layers.Number($"{group}.max_output_tokens");
}
