using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ProtoAgent.Bench;

/// <summary>
/// An embedding endpoint that needs no model: words, pairs of words and groups of three to five letters, hashed into a vector
/// (feature hashing, signed). Deterministic and local. It knows no meaning, only how words are made: related forms and misspellings are
/// near, synonyms are not. So it shows that vectors are stored, searched and fused as they should be, and what that costs; how much a
/// real model would find beyond words it can't show.
/// </summary>
internal sealed class HashedModel : IDisposable
{
    public const string Name = "hashed-ngrams";
    public const int Dimensions = 384;

    private readonly HttpListener _listener = new();

    private HashedModel(int port)
    {
        Url = $"http://127.0.0.1:{port}/v1";
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public static HashedModel Start()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return new HashedModel(port);
    }

    public static float[] Embed(string text)
    {
        var vector = new float[Dimensions];
        var words = text.ToLowerInvariant().Split([.. text.Where(c => !char.IsLetterOrDigit(c)).Distinct()], StringSplitOptions.RemoveEmptyEntries);
        for (var w = 0; w < words.Length; w++)
        {
            var word = $"<{words[w]}>";
            Add(word, 1f);
            Add(w > 0 ? words[w - 1] + " " + words[w] : word, 0.3f);
            for (var length = 3; length <= 5; length++)
            {
                for (var i = 0; i + length <= word.Length; i++)
                {
                    Add(word.AsSpan(i, length), 0.3f);
                }
            }
        }

        for (var i = 0; i < Dimensions; i++)
        {
            vector[i] = MathF.Sign(vector[i]) * MathF.Log(1 + MathF.Abs(vector[i]));
        }

        vector[0] += 1e-3f;
        return vector;

        void Add(ReadOnlySpan<char> feature, float weight)
        {
            var hash = 14695981039346656037UL;
            foreach (var c in feature)
            {
                hash = (hash ^ c) * 1099511628211UL;
            }

            hash ^= hash >> 29;
            vector[hash % Dimensions] += (hash >> 63) == 0 ? weight : -weight;
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var asked = await JsonDocument.ParseAsync(context.Request.InputStream);
                var answer = new StringBuilder("{\"data\":[");
                var index = 0;
                foreach (var text in asked.RootElement.GetProperty("input").EnumerateArray())
                {
                    answer.Append(index > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{{\"index\":{index++},\"embedding\":[")
                        .AppendJoin(',', Embed(text.GetString()!).Select(v => v.ToString("R", CultureInfo.InvariantCulture))).Append("]}");
                }

                // With its length in front it is one packet; the end of a chunked one would wait 40 ms for an acknowledgement.
                var body = Encoding.UTF8.GetBytes(answer.Append("]}").ToString());
                context.Response.ContentType = "application/json";
                context.Response.ContentLength64 = body.Length;
                await context.Response.OutputStream.WriteAsync(body);
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
