using System.Globalization;
using ServerlessImages.Images;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Operators;

/// <summary>A price that an operator wants.</summary>
/// <param name="Selling">Null: the cost plus the plan's markup.</param>
public sealed record WantedPrice(ModelSpec Model, DateOnly EffectiveFrom, string Source, Tariff Cost, Tariff? Selling);

/// <summary>Adds prices. None is ever changed: what was a mistake is followed by another one, for the same day while that is far enough off, or for a later one.</summary>
public sealed class PriceDesk(AuditLog audit, PriceList list, ITableStore store, TimeProvider clock)
{
    /// <summary>Later than any price is known: who mistypes the year is told.</summary>
    private const int DaysAheadMax = 366;

    /// <summary>Operators who add a price for the same model and day at the same time.</summary>
    private const int TriesMax = 5;

    private const int PricesOfDayMax = 99;

    /// <summary>The first day for which a price can be added: every instance knows it before it is in force anywhere.</summary>
    public DateOnly FirstDay => DateOnly.FromDateTime((clock.GetUtcNow() + PriceList.Notice).UtcDateTime).AddDays(1);

    /// <returns>Why no price can begin on a day: <c>price_too_soon</c>, <c>invalid_value</c>; null if one can.</returns>
    public ApiError? RefusalOf(DateOnly day)
    {
        if (day < FirstDay) return ApiError.PriceTooSoon(FirstDay);
        return day > FirstDay.AddDays(DaysAheadMax) ? ApiError.InvalidValue("effective_from", $"a day within {DaysAheadMax} days") : null;
    }

    /// <summary>Adds a price once: the same one, asked for again, is there already.</summary>
    /// <returns>Or <c>price_too_soon</c>, <c>invalid_value</c>.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be there; add it again.</exception>
    public async Task<Result<Price>> AddAsync(OperatorIdentity who, WantedPrice wanted, string reason, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var book = await list.ReadNowAsync(cancel);
            var last = book.All.Where(price => price.Model == wanted.Model.Id && price.EffectiveFrom == wanted.EffectiveFrom).MaxBy(price => price.AddedAs);
            if (last is { AddedAs: > 0 } && IsSame(last, wanted)) return last;
            if (RefusalOf(wanted.EffectiveFrom) is { } refusal) return refusal;
            if (last?.AddedAs >= PricesOfDayMax) return ApiError.InvalidValue("effective_from", $"a day with fewer than {PricesOfDayMax} prices");
            if (await TryAddAsync(who, book, wanted, (last?.AddedAs ?? 0) + 1, reason, cancel) is { } added) return added;
        }

        throw new WriteFateUnknownException("Others add prices for the same day at the same time.");
    }

    /// <returns>Null if another was faster.</returns>
    private async Task<Price?> TryAddAsync(OperatorIdentity who, PriceBook book, WantedPrice wanted, int number, string reason, CancellationToken cancel)
    {
        var price = new Price(AddedPrice.VersionOf(wanted.Model.Id, wanted.EffectiveFrom, number), wanted.Model.Id, wanted.EffectiveFrom, wanted.Source, wanted.Cost, wanted.Selling) { AddedAs = number };
        var replaced = book.PriceOf(wanted.Model, new DateTimeOffset(wanted.EffectiveFrom.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)).TryGet(out var before, out _) ? before : null;
        var act = new OperatorAct(who, "add_price", "", string.Create(CultureInfo.InvariantCulture, $"{price.Version} from {wanted.EffectiveFrom:yyyy-MM-dd} on"), reason) { Before = replaced is null ? "not sold" : Words(replaced) };
        return await audit.RunAsync(act, AddAsync, added => added is null ? "another was added at the same time" : Words(added), cancel);

        async Task<Price?> AddAsync(string id)
        {
            var row = RowWrite.Insert(AddedPrice.KeyOf(price.Model, price.EffectiveFrom, number), AddedPrice.ToColumns(price));
            return (await store.CommitAsync(TableNames.Prices, PriceList.Partition, [row], CancellationToken.None)).Applied ? price : null;
        }
    }

    private static bool IsSame(Price price, WantedPrice wanted) =>
        price.Source == wanted.Source && PriceBook.TariffJson(price.Cost) == PriceBook.TariffJson(wanted.Cost) && SellingOf(price.Selling) == SellingOf(wanted.Selling);

    private static string SellingOf(Tariff? tariff) => tariff is null ? "" : PriceBook.TariffJson(tariff);

    private static string Words(Price price) => $"{price.Version}: cost {PriceBook.TariffJson(price.Cost)}, selling {(price.Selling is { } selling ? PriceBook.TariffJson(selling) : "with markup")}";
}
