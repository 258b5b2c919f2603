using System.CommandLine;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent completion</c>: what a shell needs to complete commands, options, ids and names.</summary>
internal static class CompletionCommand
{
    /// <summary>
    /// By whatever path the program is called, it is asked as <c>protoagent</c>, and of its own words only. It offers what has the word
    /// anywhere within: what does not begin with it is left out. Where nothing is left, files are offered.
    /// </summary>
    private const string Bash = """
        # protoagent: source <(protoagent completion bash)
        _protoagent_complete() {
          local word="${COMP_WORDS[COMP_CWORD]}" line="protoagent ${COMP_LINE:0:COMP_POINT}" found
          line="protoagent ${line#* * }"
          [[ "${COMP_LINE:0:COMP_POINT}" == *" "* ]] || line="protoagent"
          COMPREPLY=()
          while IFS= read -r found; do
            [[ -n "$found" && "$found" == "$word"* ]] && COMPREPLY+=("$found")
          done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _protoagent_complete protoagent
        """;

    private const string Zsh = """
        #compdef protoagent
        # protoagent: source <(protoagent completion zsh)
        _protoagent() {
          local line="protoagent"
          (( CURRENT > 2 )) && line+=" ${(j: :)words[2,CURRENT-1]}"
          line+=" $PREFIX"
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          found=("${(@M)found:#$PREFIX?*}" "${(@M)found:#$PREFIX}")
          found=("${(@)found:#}")
          if (( ${#found} )); then compadd -- "${found[@]}"; else _files; fi
        }
        (( $+functions[compdef] )) && compdef _protoagent protoagent
        """;

    private const string Fish = """
        # protoagent: protoagent completion fish | source
        function __protoagent_complete
          set -l word (commandline -ct)
          set -l tokens (commandline -opc)
          while string match -qr '^[A-Za-z_]\w*=' -- $tokens[1]
            set -e tokens[1]
          end
          set -a tokens "$word"
          set -l line "protoagent "(string join ' ' -- $tokens[2..])
          set -l found ($tokens[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -r -- '^(?=.)'(string escape --style=regex -- "$word")'.*$')
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
