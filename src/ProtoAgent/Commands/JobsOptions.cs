using System.CommandLine;

namespace ProtoAgent.Commands;

/// <summary>What can be said of a job besides its prompt and schedule.</summary>
internal sealed class JobsOptions
{
    private const string Never = "never";

    private readonly Option<string?> _timezone = new("--timezone") { Description = "Whose clocks the schedule goes by; UTC if never said.", HelpName = "IANA name" };
    private readonly Option<string?> _session = new("--session") { Description = "The conversation its turns go to; else the agent's own activity.", HelpName = "id" };
    private readonly Option<string?> _missed = new("--missed") { Description = "What becomes of fires that came due while nobody was there (fire_once)." };
    private readonly Option<double?> _window = new("--missed-window") { Description = "How late a missed fire may still be made up for (86400).", HelpName = "seconds" };
    private readonly Option<string?> _overlap = new("--overlap") { Description = "What becomes of a fire while the job still runs (skip)." };
    private readonly Option<int?> _retries = new("--retries") { Description = "Attempts after the first one failed (3).", HelpName = "n" };
    private readonly Option<double?> _backoff = new("--retry-backoff") { Description = "The wait before the first retry; doubles with each (30).", HelpName = "seconds" };
    private readonly Option<double?> _jitter = new("--jitter") { Description = "How much later than due a run may begin (0).", HelpName = "seconds" };
    private readonly Option<string?> _end = new("--end-at") { Description = "No fire is due after it; 'never' takes it away.", HelpName = "time" };
    private readonly Option<long?> _runs = new("--max-runs") { Description = "How many times the schedule fires; 0 is without end.", HelpName = "n" };
    private readonly Option<int?> _failures = new("--pause-after-failures") { Description = "Runs that fail one after another until it is paused; 0 is never.", HelpName = "n" };

    public JobsOptions()
    {
        _missed.AcceptOnlyFromAmong("fire_once", "fire_all", "skip");
        _overlap.AcceptOnlyFromAmong("skip", "queue_one", "parallel");
    }

    public IReadOnlyList<Option> All => [_timezone, _session, _missed, _window, _overlap, _retries, _backoff, _jitter, _end, _runs, _failures];

    public string? Timezone(ParseResult parsed) => parsed.GetValue(_timezone);

    public string? Session(ParseResult parsed) => parsed.GetValue(_session);

    /// <param name="now">What stands where nothing is said.</param>
    public JobsShapes.Policy Policy(ParseResult parsed, JobsShapes.Policy? now = null) => new(
        parsed.GetValue(_missed) ?? now?.Missed,
        parsed.GetValue(_window) ?? now?.MissedWindowSeconds,
        parsed.GetValue(_overlap) ?? now?.Overlap,
        parsed.GetValue(_retries) ?? now?.Retries,
        parsed.GetValue(_backoff) ?? now?.RetryBackoffSeconds,
        parsed.GetValue(_jitter) ?? now?.JitterSeconds,
        parsed.GetValue(_end) switch { null => now?.EndAt, Never => null, var end => end },
        parsed.GetValue(_runs) switch { null => now?.MaxRuns, 0 => null, var runs => runs },
        parsed.GetValue(_failures) ?? now?.PauseAfterFailures);
}
