using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Pages.Parts;
using ServerlessImages.Api.Portal.Pages;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>Shows the playground with what can be chosen there, and with what became of its form.</summary>
internal sealed class PlaygroundView(SoldModels models, KeyList list, AccountLedger ledger, IEntropy entropy, TimeProvider clock, IOptions<SiteOptions> site)
{
    private const string KeyField = "key";

    /// <param name="form">Null for a fresh one; a query's <c>key</c> is then chosen.</param>
    public async Task<IResult> ShowAsync(HttpContext http, FormState? form, PlaygroundOutcome outcome)
    {
        var account = http.Member().Account.Id;
        if (!(await models.AllAsync(http.RequestAborted)).TryGet(out var sold, out var error)) return new PortalRefusal(error);
        var choices = await PlaygroundChoices.ReadAsync(account, list, [.. sold.Select(each => each.Model)], clock.GetUtcNow(), http.RequestAborted);
        var balance = await ledger.BalanceAsync(new LedgerPartition(account, Livemode: true), http.RequestAborted);
        var hasMoney = balance.Available > Money.Zero || balance.AvailableCredit > Money.Zero;
        return new PageResult(typeof(PlaygroundPage), new Dictionary<string, object?>
        {
            [nameof(PlaygroundPage.Shell)] = http.Shell(),
            [nameof(PlaygroundPage.Choices)] = choices,
            [nameof(PlaygroundPage.HasMoney)] = hasMoney,
            [nameof(PlaygroundPage.Form)] = form ?? (choices.CanDraw ? PlaygroundOrder.Fresh(choices.KeyFor(http.Request.Query[KeyField], hasMoney).Id, choices.Models[0].Id) : FormState.Fresh),
            [nameof(PlaygroundPage.Once)] = entropy.NextId("", clock.GetUtcNow()),
            [nameof(PlaygroundPage.Quote)] = outcome.Quote,
            [nameof(PlaygroundPage.Drawing)] = outcome.Drawing,
            [nameof(PlaygroundPage.Refusal)] = outcome.Error is { } refusal ? Of(refusal, http) : null,
            [nameof(PlaygroundPage.Code)] = choices.CanDraw ? PlaygroundCode.Of(outcome.Request ?? First(choices.Models[0]), site.Value.PublicUrl!) : Array.Empty<CodeSample>(),
        })
        { Status = outcome.Error is { } wrong ? StatusOf(wrong) : StatusCodes.Status200OK };
    }

    private static ImageRequest First(ModelSpec model) => new() { Model = model, Prompt = PlaygroundOrder.FirstPrompt, Size = ModelSpec.StandardSizes[0], Quality = ImageQuality.Low };

    /// <summary>A request that goes on is found under its id.</summary>
    private static PlaygroundRefusal Of(ApiError error, HttpContext http) => new(error.Code, error.Message, error.Kind == ApiErrorKind.StillRunning ? http.Call().RequestId : null);

    /// <summary>What is wrong with a form is said as on every page.</summary>
    private static int StatusOf(ApiError error) => error.Kind == ApiErrorKind.InvalidRequest ? StatusCodes.Status422UnprocessableEntity : ErrorWriter.Wire(error.Kind).Status;
}
