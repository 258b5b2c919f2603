using ProtoAgent.Commands;

return await CommandLine.RunAsync(args);
