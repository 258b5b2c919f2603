using System.CommandLine;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent completion</c>: what a shell needs to complete commands, options, ids and names.</summary>
internal static class CompletionCommand
{
    /// <summary>By whatever path the program is called, it is asked as <c>protoagent</c>; where it has nothing to offer, files are.</summary>
    private const string Bash = """
        # protoagent: source <(protoagent completion bash)
        _protoagent_complete() {
          local word="${COMP_WORDS[COMP_CWORD]}" line="protoagent ${COMP_LINE:0:COMP_POINT}" found
          line="protoagent ${line#* * }"
          [[ "${COMP_LINE:0:COMP_POINT}" == *" "* ]] || line="protoagent"
          COMPREPLY=()
          while IFS= read -r found; do
            [[ "$found" == "$word"* ]] && COMPREPLY+=("$found")
          done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _protoagent_complete protoagent
        """;

    private const string Zsh = """
        #compdef protoagent
        # protoagent: source <(protoagent completion zsh)
        _protoagent() {
          local line="protoagent ${LBUFFER#* }"
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          found=("${(@)found:#}")
          if (( ${#found} )); then compadd -- "${found[@]}"; else _files; fi
        }
        (( $+functions[compdef] )) && compdef _protoagent protoagent
        """;

    private const string Fish = """
        # protoagent: protoagent completion fish | source
        function __protoagent_complete
          set -l tokens (commandline -opc) (commandline -ct)
          set -l line "protoagent "(string join ' ' -- $tokens[2..])
          set -l found ($tokens[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
          if test (count $found) -gt 0
            printf '%s\n' $found
          else
            __fish_complete_path (commandline -ct)
          end
        end
        complete -c protoagent -f -a '(__protoagent_complete)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            "Print what makes a shell complete commands, options, ids and names, those of the running instance too.\n"
            + "  bash: echo 'source <(protoagent completion bash)' >> ~/.bashrc\n"
            + "  zsh:  echo 'source <(protoagent completion zsh)' >> ~/.zshrc\n"
            + "  fish: protoagent completion fish > ~/.config/fish/completions/protoagent.fish")
        {
            shell,
        };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        }));
        return command;
    }
}
