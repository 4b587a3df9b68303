using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Api.Pages;
using ServerlessImages.Keys;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>The playground: a request by hand, as one of the account's keys would make it. Its script makes it while the page stands (<see cref="PlaygroundCalls"/>); without one, the form does.</summary>
internal static class PlaygroundPages
{
    public static void AddPlayground(this IServiceCollection services)
    {
        services.AddSingleton<PlaygroundView>();
        services.AddSingleton<PlaygroundTry>();
    }

    public static void MapPlayground(this WebApplication app)
    {
        app.MapGet(PortalPaths.Playground, ShowAsync).RequireMember(PortalAction.UsePlayground).AsPage();
        app.MapPost(PortalPaths.Playground, SendAsync).RequireMember(PortalAction.UsePlayground).TakeForm().AsPage();
        app.MapPlaygroundCalls();
    }

    private static Task<IResult> ShowAsync(HttpContext http, PlaygroundView view) => view.ShowAsync(http, form: null, new());

    private static async Task<IResult> SendAsync(HttpContext http, PlaygroundView view, PlaygroundTry attempt, CallAsKey call, ImageOrderReader reader)
    {
        var form = await http.ReadPageFormAsync(fields => PlaygroundOrder.Read(fields, reader));
        if (!form.Value.TryGet(out var sent, out var error)) return await RefuseAsync(new() { Error = error });
        if (await http.CallAsync(call, sent.Key) is { } refused) return await RefuseAsync(new() { Error = refused, Request = sent.Order.Request });

        var outcome = (await attempt.RunAsync(http, sent)) with { Request = sent.Order.Request };
        return outcome.Error is null ? await view.ShowAsync(http, form.AsTyped(), outcome) : await RefuseAsync(outcome);

        async Task<IResult> RefuseAsync(PlaygroundOutcome refusal)
        {
            var why = refusal.Error!;
            http.Call().ErrorCode = why.Code;
            return why == ApiError.KeyNotFound ? new PortalRefusal(why) : await view.ShowAsync(http, form.Wrong(why), refusal);
        }
    }
}
