using ProtoAgent.Commands;

// Before anything else is touched: a guard lies beside every child process, so it has to be small and quick.
return args is [Guard.Name, ..] ? Guard.Run(args[1..]) : await CommandLine.RunAsync(args);
