using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Revenue;

/// <summary>What usage that was would bring and cost.</summary>
public sealed record PriceEffect(Money Charged, Money UpstreamCost)
{
    public static PriceEffect None { get; } = new(Money.Zero, Money.Zero);

    public Money Margin => Charged - UpstreamCost;

    public static PriceEffect operator +(PriceEffect left, PriceEffect right) => new(left.Charged + right.Charged, left.UpstreamCost + right.UpstreamCost);
}

/// <param name="Actual">What was charged and what it cost in those days, by whatever prices were in force.</param>
/// <param name="Current">The same usage at the price that is in force now, or null if there is none.</param>
/// <param name="Wanted">At the one that is tried.</param>
/// <param name="Accounts">How many used the model.</param>
public sealed record PriceTrial(RevenueSums Actual, PriceEffect? Current, PriceEffect Wanted, int Accounts, bool IsComplete);

/// <summary>
/// Tries a price on the usage of the last days: each account's sums, at the markup of its plan. An estimate, and the same one for both prices: partial images, and
/// what was returned and not delivered, are in the sums of tokens; sizes and qualities that the model chose count as the cheapest.
/// </summary>
public sealed class TryPrice(ReadRevenue revenue, AddUpRevenue addUp, PriceList list, AccountDirectory accounts, PlanCatalog plans, TimeProvider clock)
{
    private const int RowsMax = 100_000;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    /// <returns>Or <c>usage_too_large</c>, <c>storage_unavailable</c>.</returns>
    public async Task<Result<PriceTrial>> RunAsync(ModelSpec model, Tariff cost, Tariff? selling, int days, CancellationToken cancel)
    {
        if (!(await list.CurrentAsync(cancel)).TryGet(out var book, out var error)) return error;
        var now = clock.GetUtcNow();
        var isComplete = await addUp.RunAsync(now + WaitMax, cancel);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var byAccount = new Dictionary<string, RevenueSums>(StringComparer.Ordinal);
        var rows = 0;
        await foreach (var (account, key, sums) in revenue.ByAccountAsync(today.AddDays(1 - days), today.AddDays(1), cancel))
        {
            if (++rows > RowsMax) return ApiError.UsageTooLarge($"{RowsMax} combinations of day, account and model");
            if (key.Model == model.Id) byAccount[account] = byAccount.GetValueOrDefault(account, RevenueSums.None) + sums;
        }

        var current = book.PriceOf(model, now).TryGet(out var price, out _) ? price : null;
        var trial = new PriceTrial(RevenueSums.None, current is null ? null : PriceEffect.None, PriceEffect.None, byAccount.Count, isComplete);
        foreach (var (account, sums) in byAccount)
        {
            var markup = await MarkupOfAsync(account, cancel);
            trial = trial with
            {
                Actual = trial.Actual + sums,
                Current = current is null ? null : trial.Current! + EffectOf(current.Cost, current.Selling, markup, sums),
                Wanted = trial.Wanted + EffectOf(cost, selling, markup, sums),
            };
        }

        return trial;
    }

    /// <summary>An account that is gone, or whose plan is, is taken at cost.</summary>
    private async Task<Markup> MarkupOfAsync(string id, CancellationToken cancel) =>
        await accounts.FindAsync(id, cancel) is { } account && plans.Has(account.Plan) ? plans.Get(account.Plan).Markup : new Markup(0);

    private static PriceEffect EffectOf(Tariff cost, Tariff? selling, Markup markup, RevenueSums sums) => new(AmountOf(selling ?? cost.With(markup), sums), AmountOf(cost, sums));

    private static Money AmountOf(Tariff tariff, RevenueSums sums) => tariff switch
    {
        TokenTariff tokens => tokens.TextInput.Charge(sums.Tokens.TextInput) + tokens.ImageInput.Charge(sums.Tokens.ImageInput) + tokens.Output.Charge(sums.Tokens.Output),
        FlatTariff flat => sums.Kinds.Counts.Aggregate(Money.Zero, (sum, kind) => sum + new Money(checked(EachOf(flat, kind.Key).Micros * kind.Value))),
        _ => throw new ArgumentOutOfRangeException(nameof(tariff)),
    };

    private static Money EachOf(FlatTariff flat, string kind)
    {
        var (size, quality) = kind.Split(' ') is [var first, var second] ? (first, second) : (kind, "");
        return ImageSize.TryParse(size, out var drawn) && WireNames.TryFromWire<ImageQuality>(quality, out var asked) && flat.Prices.TryGetValue((drawn, asked == ImageQuality.Auto ? ImageQuality.Low : asked), out var price) ? price : flat.Prices.Values.Min();
    }
}
