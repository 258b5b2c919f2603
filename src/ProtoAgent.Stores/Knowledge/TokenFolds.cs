using System.Text;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// What FTS5 makes of a token of ours: it takes accents off by tables of its own. Asked of FTS5 itself, in memory, so that both sides
/// agree whatever its version; plain tokens, nearly all there are, it leaves alone.
/// </summary>
internal sealed class TokenFolds : IDisposable
{
    private const int MostKept = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string[]> _kept = new(StringComparer.Ordinal);
    private SqliteSession? _session;
    private bool _disposed;

    /// <summary>As it lies in the index; more than one where FTS5 sees a separator in it.</summary>
    public string[] Of(string token)
    {
        if (Ascii.IsValid(token))
        {
            return [token];
        }

        lock (_gate)
        {
            if (!_kept.TryGetValue(token, out var folded))
            {
                if (_kept.Count >= MostKept)
                {
                    _kept.Clear();
                }

                _kept.Add(token, folded = Ask(token));
            }

            return folded;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _session?.Dispose();
            _session = null;
        }
    }

    private string[] Ask(string token)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_session is null)
        {
            _session = SqliteSession.Open(":memory:");
            _session.Run(
                $"""
                CREATE VIRTUAL TABLE folds USING fts5(token, content='', tokenize="{KnowledgeSchema.Tokenizer}");
                CREATE VIRTUAL TABLE folded USING fts5vocab(folds, instance);
                """);
        }

        _session.Execute("INSERT INTO folds (rowid, token) VALUES (1, ?1)", token);
        var found = new List<string>();
        using (var rows = _session.Query("SELECT term FROM folded ORDER BY offset"))
        {
            while (rows.Read())
            {
                found.Add(rows.Text(0));
            }
        }

        _session.Execute("INSERT INTO folds (folds) VALUES ('delete-all')");
        return [.. found];
    }
}
