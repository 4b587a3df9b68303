using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Keys;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>
/// What the playground's script calls: the API's own generations and quotes, with the API's bodies, answers and errors, for a key of the member's account that the path names in the
/// place of a secret. Nothing about prices, holds, limits or receipts is written here.
/// </summary>
internal static class PlaygroundCalls
{
    private const string OfKey = PortalPaths.Playground + "/keys/{id}";

    public static void MapPlaygroundCalls(this WebApplication app)
    {
        app.MapPost(OfKey + "/generations", GenerateAsync).RequireMember(PortalAction.UsePlayground).TakeJson();
        app.MapPost(OfKey + "/quotes", QuoteAsync).RequireMember(PortalAction.UsePlayground).TakeJson();
        app.MapPost(PortalPaths.Playground + "/code", WriteCodeAsync).RequireMember(PortalAction.UsePlayground).TakeJson();
    }

    /// <summary>The call has a caller from then on, as if the key had been sent.</summary>
    public static async Task<ApiError?> CallAsync(this HttpContext http, CallAsKey call, string keyId)
    {
        if (!(await call.RunAsync(http.Member().Account, keyId, Scope.ImagesGenerate, http.RequestAborted)).TryGet(out var caller, out var error)) return error;
        http.Call().Caller = caller;
        return null;
    }

    private static async Task GenerateAsync(string id, HttpContext http, CallAsKey call, OrderIntake intake, OrderAnswer answer, ErrorWriter errors)
    {
        if (await http.CallAsync(call, id) is { } refused) await errors.WriteAsync(http, refused);
        else await ImagesApi.AnswerAsync(http, OrderBody.Generation, intake, answer, errors);
    }

    private static async Task QuoteAsync(string id, HttpContext http, CallAsKey call, QuoteAnswer answer, ErrorWriter errors)
    {
        if (await http.CallAsync(call, id) is { } refused) await errors.WriteAsync(http, refused);
        else await answer.WriteAsync(http, OrderBody.Generation);
    }

    private static async Task WriteCodeAsync(HttpContext http, OrderIntake intake, IOptions<SiteOptions> site, ErrorWriter errors)
    {
        if (!(await intake.ReadAsync(http, OrderBody.Generation)).TryGet(out var incoming, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        using var read = incoming;
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        foreach (var sample in PlaygroundCode.Of(incoming.Order.Request, site.Value.PublicUrl!)) json.WriteString(sample.Id, sample.Code);
        json.WriteEndObject();
    }
}
