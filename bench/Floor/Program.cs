using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, int.Parse(args[0])));
builder.Services.AddRoutingCore();
var app = builder.Build();
app.MapGet("/healthz", (RequestDelegate)(context => context.Response.WriteAsync("ok")));
app.Run();
