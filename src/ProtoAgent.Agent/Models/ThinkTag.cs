using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>The text of one answer, thinking told apart from saying; what may be the piece of a tag is held back until it is known.</summary>
internal sealed class ThinkTag
{
    private const string Opening = "<think>";
    private const string Closing = "</think>";

    private State _state = State.Before;
    private string _held = "";

    private enum State
    {
        /// <summary>Nothing but blanks and perhaps a piece of the opening tag.</summary>
        Before,
        Inside,

        /// <summary>Behind the closing tag, before the answer proper.</summary>
        Between,
        Past,
    }

    /// <summary>All that comes now is the answer.</summary>
    public bool IsPast => _state == State.Past;

    public IEnumerable<AIContent> Add(string text)
    {
        _held += text;
        if (_state == State.Before)
        {
            var begun = _held.TrimStart();
            if (begun.Length < Opening.Length && Opening.StartsWith(begun, StringComparison.Ordinal))
            {
                yield break;
            }

            var tagged = begun.StartsWith(Opening, StringComparison.Ordinal);
            _state = tagged ? State.Inside : State.Past;
            _held = tagged ? begun[Opening.Length..] : _held;
        }

        if (_state == State.Inside)
        {
            var end = _held.IndexOf(Closing, StringComparison.Ordinal);
            var thought = end >= 0 ? end : _held.Length - LengthOfTagBegun(_held);
            if (thought > 0)
            {
                yield return new TextReasoningContent(_held[..thought]);
            }

            _held = end >= 0 ? _held[(end + Closing.Length)..] : _held[thought..];
            _state = end >= 0 ? State.Between : State.Inside;
        }

        if (_state == State.Between)
        {
            _held = _held.TrimStart();
            _state = _held.Length > 0 ? State.Past : State.Between;
        }

        if (_state == State.Past && _held.Length > 0)
        {
            yield return new TextContent(_held);
            _held = "";
        }
    }

    /// <summary>What was held back when no more can come; null if nothing.</summary>
    public AIContent? End()
    {
        AIContent? rest = _held.Length == 0 ? null : _state == State.Inside ? new TextReasoningContent(_held) : new TextContent(_held);
        _held = "";
        _state = State.Past;
        return rest;
    }

    /// <summary>How much of the text's end may be the beginning of the closing tag.</summary>
    private static int LengthOfTagBegun(string text)
    {
        for (var length = Math.Min(Closing.Length - 1, text.Length); length > 0; length--)
        {
            if (text.EndsWith(Closing[..length], StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
