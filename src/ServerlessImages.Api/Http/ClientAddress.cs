using System.Net;
using Microsoft.Extensions.Options;

namespace ServerlessImages.Api.Http;

/// <summary>
/// Whence a call comes: from the header that the operator says their front end writes. Without that setting it is not known, for what the connection says is the
/// last hop's address, and any other header is the caller's own word.
/// </summary>
internal sealed partial class ClientAddress(IOptions<HttpOptions> options, ILogger<ClientAddress> logger) : IHostedService
{
    /// <returns>Null where it is not known, or the header has none.</returns>
    public IPAddress? Of(HttpRequest request)
    {
        if (options.Value.ClientAddressHeader is not { } header) return null;

        // Each proxy adds at the end what it saw: the last is from the nearest, which is ours.
        var last = request.Headers[header].ToString().Split(',')[^1].Trim();
        var isAddress = last.Contains(':', StringComparison.Ordinal) || last.Count(letter => letter == '.') == 3;
        return isAddress && IPEndPoint.TryParse(last, out var end) ? end.Address : null;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ClientAddressHeader is null) Log.Unknown(logger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Http:ClientAddressHeader is not set: callers' addresses are not known, and API keys that may be used from some addresses only are refused.")]
        public static partial void Unknown(ILogger logger);
    }
}
