using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ServerlessImages.Tests.Storage;

/// <summary>The ways in which <see cref="UnreliableProxy"/> loses an answer.</summary>
internal static class ProxyFaults
{
    public static Func<HttpContext, Task> Named(string name) => name switch
    {
        "connection dropped" => DropAsync,
        "no answer" => UntilAborted,
        "garbled answer" => context => AnswerAsync(context, name.Length),
        "answer cut short" => context => AnswerAsync(context, lengthBytes: 10_000),
        _ => context => RefuseAsync(context, int.Parse(name, CultureInfo.InvariantCulture)),
    };

    private static Task DropAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>With fewer bytes than announced the server closes the connection.</summary>
    private static async Task AnswerAsync(HttpContext context, long lengthBytes)
    {
        context.Response.StatusCode = 202;
        context.Response.ContentType = "multipart/mixed; boundary=batchresponse_1";
        context.Response.ContentLength = lengthBytes;
        await context.Response.WriteAsync("garbled answer", CancellationToken.None);
    }

    public static async Task UntilAborted(HttpContext context)
    {
        var aborted = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(aborted.SetResult);
        await aborted.Task;
    }
}
