using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Webhooks;
using ServerlessImages.Api.Webhooks;
using ServerlessImages.Events;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Api.Portal;

/// <summary>Where an account is told of its events, for members: the same use cases and rules as behind <see cref="WebhooksApi"/>. A secret is in the answer to the form that made it, and nowhere else.</summary>
internal static class WebhookPages
{
    private const int DeliveriesPerPage = 50;
    private const int OnceCharactersMax = 100;

    public static void MapWebhookPages(this WebApplication app)
    {
        app.MapGet(PortalPaths.Webhooks, ListAsync).RequireMember(PortalAction.ManageWebhooks).AsPage();
        app.MapGet(PortalPaths.NewWebhook, ShowNew).RequireMember(PortalAction.ManageWebhooks).AsPage();
        app.MapPost(PortalPaths.NewWebhook, AddAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
        app.MapGet(PortalPaths.Webhook, ShowAsync).RequireMember(PortalAction.ManageWebhooks).AsPage();
        app.MapGet(PortalPaths.Webhook + "/change", AskToChangeAsync).RequireMember(PortalAction.ManageWebhooks).AsPage();
        app.MapPost(PortalPaths.Webhook + "/change", ChangeAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
        app.MapPost(PortalPaths.Webhook + "/switch", SwitchAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
        app.MapPost(PortalPaths.Webhook + "/test", TestAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
        app.MapPost(PortalPaths.Webhook + "/replay", ReplayAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
        app.MapGet(PortalPaths.Webhook + "/rotate", AskToRotateAsync).RequireMember(PortalAction.ManageWebhooks).AsPage();
        app.MapPost(PortalPaths.Webhook + "/rotate", RotateAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
        app.MapGet(PortalPaths.Webhook + "/delete", AskToDeleteAsync).RequireMember(PortalAction.ManageWebhooks).AsPage();
        app.MapPost(PortalPaths.Webhook + "/delete", DeleteAsync).RequireMember(PortalAction.ManageWebhooks).TakeForm().AsPage();
    }

    private static async Task<IResult> ListAsync(HttpContext http, PendingDeliveries deliveries)
    {
        var fields = new QueryFields(http.Request.Query);
        var (mode, done) = (PortalModes.Read(fields), fields.OptionalText("done", OnceCharactersMax));
        if (fields.FirstError is { } wrong) return new PortalRefusal(wrong);
        var all = await deliveries.EndpointsAsync(http.Member().Partition(mode), http.RequestAborted);
        return Page.Of<WebhooksPage>(
            (nameof(WebhooksPage.Shell), http.Shell()),
            (nameof(WebhooksPage.Endpoints), all.Where(each => each.State != EndpointState.Deleted).OrderByDescending(each => each.Created).ToArray()),
            (nameof(WebhooksPage.Mode), mode),
            (nameof(WebhooksPage.Done), done == "deleted" ? "The endpoint and its log are deleted." : null));
    }

    /// <summary>The form has a word of its own: sent twice, it makes one endpoint, and shows the same secret.</summary>
    private static PageResult ShowNew(HttpContext http, IEntropy entropy, TimeProvider clock) =>
        NewPage(http, FormState.With(("once", entropy.NextId("once_", clock.GetUtcNow())), ("mode", PortalModes.Read(new QueryFields(http.Request.Query)).ToWire())));

    private static PageResult NewPage(HttpContext http, FormState form) => Form(typeof(NewWebhookPage), http, form);

    private static async Task<IResult> AddAsync(HttpContext http, ManageWebhooks manage, WebhookOptions options)
    {
        var form = await http.ReadPageFormAsync(fields => (Once: fields.Text("once", OnceCharactersMax), Mode: fields.Word<PortalMode>("mode"), Terms: ReadTerms(fields, options)));
        if ((form.Error ?? ErrorOf(form.Value.Terms)) is { } wrong) return NewPage(http, form.Wrong(wrong));
        var partition = http.Member().Partition(form.Value.Mode);
        if (!(await manage.AddAsync(partition, form.Value.Terms, form.Value.Once, CancellationToken.None)).TryGet(out var added, out var error)) return NewPage(http, form.Wrong(error));
        return Secret(http, added, isNew: true);
    }

    private static WebhookTerms ReadTerms(PageFields fields, WebhookOptions options) =>
        new(fields.WebhookUrl("url", options), fields.Text("description", WebhookFields.DescriptionCharactersMax) ?? "", fields.Ticked("events", EventTypes.Wantable), IsEnabled: null);

    private static ApiError? ErrorOf(WebhookTerms terms) => terms.Url is null ? ApiError.MissingParameter("url") : null;

    private static PageResult Secret(HttpContext http, EndpointWithSecret shown, bool isNew) => Page.Of<WebhookSecretPage>(
        (nameof(WebhookSecretPage.Shell), http.Shell()),
        (nameof(WebhookSecretPage.Endpoint), shown.Endpoint),
        (nameof(WebhookSecretPage.Secret), shown.Secret),
        (nameof(WebhookSecretPage.IsNew), isNew));

    private static async Task<IResult> ShowAsync(string id, HttpContext http, WebhookDirectory directory, ReadDeliveries read)
    {
        if (!(await OwnAsync(http, directory, id)).TryGet(out var own, out var error)) return new PortalRefusal(error);
        var after = http.Request.Query["after"].ToString() is { Length: > 0 } last ? last : null;
        if (!(await read.RunAsync(own.Partition, id, after, DeliveriesPerPage, http.RequestAborted)).TryGet(out var records, out error)) return new PortalRefusal(error);
        return Page.Of<WebhookPage>(
            (nameof(WebhookPage.Shell), http.Shell()),
            (nameof(WebhookPage.Endpoint), own.Endpoint),
            (nameof(WebhookPage.Partition), own.Partition),
            (nameof(WebhookPage.Deliveries), records.Take(DeliveriesPerPage).ToArray()),
            (nameof(WebhookPage.HasMore), records.Count > DeliveriesPerPage),
            (nameof(WebhookPage.IsFirst), after is null),
            (nameof(WebhookPage.Done), DoneOf(http.Request.Query["done"])));
    }

    private static Task<IResult> AskToChangeAsync(string id, HttpContext http, WebhookDirectory directory) => AskAsync<ChangeWebhookPage>(id, http, directory, endpoint =>
        FormState.With(("url", endpoint.Url), ("description", endpoint.Description), ("events", string.Join('\n', endpoint.Types))));

    private static async Task<IResult> ChangeAsync(string id, HttpContext http, WebhookDirectory directory, ManageWebhooks manage, WebhookOptions options)
    {
        if (!(await OwnAsync(http, directory, id)).TryGet(out var own, out var error)) return new PortalRefusal(error);
        var form = await http.ReadPageFormAsync(fields => ReadTerms(fields, options));
        if ((form.Error ?? ErrorOf(form.Value)) is { } wrong) return Form(typeof(ChangeWebhookPage), http, form.Wrong(wrong), own.Endpoint);
        return Go(id, "changed", await manage.ChangeAsync(own.Partition, id, form.Value, CancellationToken.None));
    }

    private static async Task<IResult> SwitchAsync(string id, HttpContext http, WebhookDirectory directory, ManageWebhooks manage)
    {
        if (!(await OwnAsync(http, directory, id)).TryGet(out var own, out var error)) return new PortalRefusal(error);
        var form = await http.ReadPageFormAsync(fields => fields.Flag("enabled"));
        if ((form.Error ?? (form.Value is null ? ApiError.MissingParameter("enabled") : null)) is { } wrong) return new PortalRefusal(wrong);
        return Go(id, form.Value == true ? "enabled" : "disabled", await manage.ChangeAsync(own.Partition, id, new WebhookTerms(null, null, null, form.Value), CancellationToken.None));
    }

    private static async Task<IResult> TestAsync(string id, HttpContext http, WebhookDirectory directory, ManageWebhooks manage) =>
        (await OwnAsync(http, directory, id)).TryGet(out var own, out var error) ? Go(id, "tested", await manage.TestAsync(own.Partition, id, CancellationToken.None)) : new PortalRefusal(error);

    private static async Task<IResult> ReplayAsync(string id, HttpContext http, WebhookDirectory directory, ReadDeliveries deliveries)
    {
        if (!(await OwnAsync(http, directory, id)).TryGet(out var own, out var error)) return new PortalRefusal(error);
        var form = await http.ReadPageFormAsync(fields => fields.Text("event", OnceCharactersMax));
        if ((form.Error ?? (form.Value is null ? ApiError.MissingParameter("event") : null)) is { } wrong) return new PortalRefusal(wrong);
        return Go(id, "replayed", await deliveries.ReplayAsync(own.Partition, id, form.Value!, CancellationToken.None));
    }

    private static Task<IResult> AskToRotateAsync(string id, HttpContext http, WebhookDirectory directory) => AskAsync<RotateSecretPage>(id, http, directory, _ => FormState.Fresh);

    private static async Task<IResult> RotateAsync(string id, HttpContext http, WebhookDirectory directory, ManageWebhooks manage)
    {
        if (!(await OwnAsync(http, directory, id)).TryGet(out var own, out var error)) return new PortalRefusal(error);
        var form = await Overlap.ReadAsync(http);
        if (form.Error is { } wrong) return Form(typeof(RotateSecretPage), http, form.Wrong(wrong), own.Endpoint);
        return (await manage.RotateAsync(own.Partition, id, form.Value, CancellationToken.None)).TryGet(out var rotated, out error) ? Secret(http, rotated, isNew: false) : new PortalRefusal(error);
    }

    private static Task<IResult> AskToDeleteAsync(string id, HttpContext http, WebhookDirectory directory) => AskAsync<DeleteWebhookPage>(id, http, directory, _ => FormState.Fresh);

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, WebhookDirectory directory)
    {
        if (!(await OwnAsync(http, directory, id)).TryGet(out var own, out var error)) return new PortalRefusal(error);
        return (await directory.DeleteAsync(own.Partition, id, CancellationToken.None)).TryGet(out _, out error) ? Results.Redirect((own.Partition.Livemode ? PortalMode.Live : PortalMode.Test).Link(PortalPaths.Webhooks, ("done", "deleted"))) : new PortalRefusal(error);
    }

    private static async Task<IResult> AskAsync<TPage>(string id, HttpContext http, WebhookDirectory directory, Func<WebhookEndpoint, FormState> form)
        where TPage : Microsoft.AspNetCore.Components.IComponent =>
        (await OwnAsync(http, directory, id)).TryGet(out var own, out var error) ? Form(typeof(TPage), http, form(own.Endpoint), own.Endpoint) : new PortalRefusal(error);

    private static PageResult Form(Type page, HttpContext http, FormState form, WebhookEndpoint? endpoint = null)
    {
        var parameters = new Dictionary<string, object?> { [nameof(ChangeWebhookPage.Shell)] = http.Shell(), [nameof(ChangeWebhookPage.Form)] = form };
        if (endpoint is not null) parameters[nameof(ChangeWebhookPage.Endpoint)] = endpoint;
        return new PageResult(page, parameters) { Status = form.Status };
    }

    /// <summary>An id does not say whether it is of live or of test mode.</summary>
    private static async Task<Result<OwnEndpoint>> OwnAsync(HttpContext http, WebhookDirectory directory, string id)
    {
        var live = new LedgerPartition(http.Member().Account.Id, Livemode: true);
        if ((await directory.FindAsync(live, id, http.RequestAborted)).TryGet(out var found, out _)) return new OwnEndpoint(live, found);
        var test = live with { Livemode = false };
        return (await directory.FindAsync(test, id, http.RequestAborted)).TryGet(out found, out var error) ? new OwnEndpoint(test, found) : error;
    }

    private static IResult Go<T>(string id, string done, Result<T> result)
        where T : notnull => result.TryGet(out _, out var error) ? Results.Redirect($"{PortalPaths.WebhookOf(id)}?done={done}") : new PortalRefusal(error);

    private static string? DoneOf(string? word) => word switch
    {
        "changed" => "The endpoint is changed.",
        "enabled" => "The endpoint is enabled: it is told of what happens from now on, and of what it was not yet told before.",
        "disabled" => "The endpoint is disabled, and gets nothing until it is enabled.",
        "tested" => "A test event is on its way. Load this page again to see what became of it.",
        "replayed" => "The event is on its way once more.",
        _ => null,
    };

    private sealed record OwnEndpoint(LedgerPartition Partition, WebhookEndpoint Endpoint);
}
