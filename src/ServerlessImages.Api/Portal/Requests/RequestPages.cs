using System.Text;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Requests;
using ServerlessImages.Api.Receipts;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Pricing;
using ServerlessImages.Receipts;

namespace ServerlessImages.Api.Portal.Requests;

/// <summary>An account's requests, each with what it cost, what it brought and the receipt.</summary>
internal static class RequestPages
{
    private const string One = PortalPaths.Requests + "/{id}";
    private const string Done = "done";
    private const string Deleted = "deleted";

    public static void MapRequestPages(this WebApplication app)
    {
        app.MapGet(PortalPaths.Requests, ListAsync).RequireMember(PortalAction.SeeRequests).AsPage();
        app.MapGet(One, ShowAsync).RequireMember(PortalAction.SeeRequests).AsPage();
        app.MapGet(One + "/receipt.jws", ReceiptAsync).RequireMember(PortalAction.SeeRequests).AsPage();
        app.MapGet(One + "/delete", AskToDeleteAsync).RequireMember(PortalAction.SeeRequests).AsPage();
        app.MapPost(One + "/delete", DeleteAsync).RequireMember(PortalAction.SeeRequests).TakeForm().AsPage();
    }

    private static async Task<IResult> ListAsync(HttpContext http, SearchRequests search, ShowRequests show, SoldModels models)
    {
        if (!RequestQuery.Read(new QueryFields(http.Request.Query)).TryGet(out var query, out var error)) return new PortalRefusal(error);
        var partition = http.Member().Partition(query.Mode);
        var found = await search.RunAsync(partition, query.Filter, query.Before, http.RequestAborted);
        var sold = (await models.AllAsync(http.RequestAborted)).TryGet(out var all, out _) ? all.Select(each => each.Model.Id) : [];
        return Page.Of<RequestsPage>(
            (nameof(RequestsPage.Shell), http.Shell()),
            (nameof(RequestsPage.Query), query),
            (nameof(RequestsPage.Models), sold.Append(query.Of(ServerlessImages.Usage.UsageDimension.Model)).Where(model => model.Length > 0).Distinct().ToArray()),
            (nameof(RequestsPage.Running), await show.RowsAsync(partition, found.Running, http.RequestAborted)),
            (nameof(RequestsPage.RunningCount), found.RunningCount),
            (nameof(RequestsPage.Ended), await show.RowsAsync(partition, found.Ended, http.RequestAborted)),
            (nameof(RequestsPage.Next), found.Next));
    }

    private static async Task<IResult> ShowAsync(string id, HttpContext http, FindRequest find, FindReceipt findReceipt, AccountLedger ledger, ShowRequests show, KeyNames names, SigningKeys keys, IOptions<SiteOptions> site)
    {
        if (!(await FindAsync(http, find, id, mayBeDone: true)).TryGet(out var found, out var error)) return new PortalRefusal(error);
        var (mode, status) = found;
        var partition = http.Member().Partition(mode);
        var (entry, _) = await ledger.FindChainedAsync(partition, id, http.RequestAborted);
        var jws = (await findReceipt.RunAsync(partition, id, http.RequestAborted)).TryGet(out var charged, out _) ? keys.Sign(ReceiptPayload.Of(partition, charged, site.Value.PublicUrl!)) : null;
        return Page.Of<OneRequestPage>(
            (nameof(OneRequestPage.Shell), http.Shell()),
            (nameof(OneRequestPage.Done), http.Request.Query[Done] == Deleted ? "The images are deleted. Charge and receipt stand." : null),
            (nameof(OneRequestPage.Mode), mode),
            (nameof(OneRequestPage.Status), status),
            (nameof(OneRequestPage.Entry), entry),
            (nameof(OneRequestPage.KeyName), (await names.OfAsync(partition, [status.Request.Summary.KeyId], http.RequestAborted))[status.Request.Summary.KeyId]),
            (nameof(OneRequestPage.Images), show.ImagesOf(partition, status)),
            (nameof(OneRequestPage.Jws), jws));
    }

    private static async Task<IResult> ReceiptAsync(string id, HttpContext http, FindReceipt find, SigningKeys keys, IOptions<SiteOptions> site)
    {
        if (!ModeOf(http).TryGet(out var mode, out var error) || !(await find.RunAsync(http.Member().Partition(mode.Mode), id, http.RequestAborted)).TryGet(out var charged, out error)) return new PortalRefusal(error);
        var jws = keys.Sign(ReceiptPayload.Of(http.Member().Partition(mode.Mode), charged, site.Value.PublicUrl!));
        return Results.File(Encoding.ASCII.GetBytes(jws), ReceiptsApi.JwsType, id + ".jws");
    }

    private static async Task<IResult> AskToDeleteAsync(string id, HttpContext http, FindRequest find)
    {
        if (!(await FindAsync(http, find, id)).TryGet(out var found, out var error)) return new PortalRefusal(error);
        return Page.Of<DeleteImagesPage>((nameof(DeleteImagesPage.Shell), http.Shell()), (nameof(DeleteImagesPage.Mode), found.Mode), (nameof(DeleteImagesPage.Status), found.Status));
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, FindRequest find, DeleteResult delete)
    {
        var visible = await FindAsync(http, find, id);
        if (!visible.TryGet(out var found, out var error) || !(await delete.RunAsync(http.Member().Partition(found.Mode), id, CancellationToken.None)).TryGet(out _, out error)) return new PortalRefusal(error);
        return Results.Redirect(found.Mode.Link($"{PortalPaths.Requests}/{id}", (Done, Deleted)));
    }

    /// <summary>Only in the member's own account: another's is not found.</summary>
    private static async Task<Result<FoundInMode>> FindAsync(HttpContext http, FindRequest find, string id, bool mayBeDone = false)
    {
        if (!ModeOf(http, mayBeDone).TryGet(out var mode, out var error) || !(await find.RunAsync(http.Member().Partition(mode.Mode), id, http.RequestAborted)).TryGet(out var status, out error)) return error;
        return new FoundInMode(mode.Mode, status);
    }

    private static Result<ReadMode> ModeOf(HttpContext http, bool mayBeDone = false)
    {
        var fields = new QueryFields(http.Request.Query);
        var mode = PortalModes.Read(fields);
        if (mayBeDone) fields.OneOf(Done, Deleted);
        return fields.FirstError is { } wrong ? wrong : new ReadMode(mode);
    }

    private sealed record ReadMode(PortalMode Mode);

    private sealed record FoundInMode(PortalMode Mode, RequestStatus Status);
}
