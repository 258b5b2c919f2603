using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Composition;

/// <summary>
/// ASP.NET as this program uses it. The empty builder: the slim one would read <c>appsettings.json</c> of the working
/// directory and <c>ASPNETCORE_*</c>, and two instances started in one directory would share what was meant for one.
/// </summary>
internal static class WebHost
{
    /// <summary>What a request line may have in bytes: a query is for names and numbers, not for texts.</summary>
    private const int LongestRequestLine = 8 * 1024;

    private const int LongestHeaders = 32 * 1024;
    private const int MostHeaders = 100;

    /// <summary>Whoever sends a header a byte at a time holds a connection for so long and no longer.</summary>
    private static readonly TimeSpan s_headers = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(130);

    /// <param name="certificate">Null: plain HTTP.</param>
    public static WebApplication Build(InstanceConfiguration configuration, Socket socket, RunningInstance instance, TlsCertificate? certificate, TimeProvider time)
    {
        var settings = configuration.Settings;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "protoagent", ContentRootPath = "/" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            var limits = kestrel.Limits;
            limits.MaxRequestBodySize = settings.Server.MaxBodyBytes;
            limits.MaxRequestLineSize = LongestRequestLine;
            limits.MaxRequestHeadersTotalSize = LongestHeaders;
            limits.MaxRequestHeaderCount = MostHeaders;
            limits.RequestHeadersTimeout = s_headers;
            limits.KeepAliveTimeout = s_keepAlive;

            // Nothing here upgrades a connection to anything.
            limits.MaxConcurrentUpgradedConnections = 0;
            kestrel.Listen(socket.LocalEndPoint!, listen => Guard(listen, settings.Server, certificate, time));
        });

        // The socket already listens: taken before anything was written, see Listener.
        builder.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = _ => socket);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        AddLog(builder.Logging, settings.Logging, instance, time);
        return builder.Build();
    }

    private static void Guard(ListenOptions listen, ServerSettings settings, TlsCertificate? certificate, TimeProvider time)
    {
        var loggers = listen.ApplicationServices.GetRequiredService<ILoggerFactory>();
        var gate = new ConnectionGate(settings.MaxConnections, certificate is not null, time, loggers.CreateLogger("ProtoAgent.Http"));
        listen.Use(next => connection => gate.InvokeAsync(connection, next));
        if (certificate is not null)
        {
            certificate.Log = loggers.CreateLogger("ProtoAgent.Http");
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Options()) });
        }
    }

    /// <summary>To stderr: stdout is for what a program reads.</summary>
    private static void AddLog(ILoggingBuilder logging, LoggingSettings settings, RunningInstance instance, TimeProvider time)
    {
        logging.SetMinimumLevel(settings.Level);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // Disconnects and bad requests of clients are not this instance's errors; what we refuse, we log ourselves.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

        // While this one may log anything at all, each request gets a span that is exported nowhere and would stand between a caller's and a turn's.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = settings.Format == LogFormat.Json ? ConsoleFormatterNames.Json : LogfmtFormatter.FormatterName;
        });
        logging.Services.AddSingleton<ConsoleFormatter>(new LogfmtFormatter(instance.Record.Instance ?? "-", time));
    }
}
