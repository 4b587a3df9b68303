using System.Diagnostics.CodeAnalysis;
using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>The models that can be bought now: those with a price in force. The others do not exist for a caller.</summary>
public sealed class SoldModels(ModelCatalog models, PriceBook prices, TimeProvider clock)
{
    public IReadOnlyList<SoldModel> All() => [.. models.Models.Select(Sold).OfType<SoldModel>()];

    /// <param name="name">An id or an alias.</param>
    public bool TryFind(string name, [NotNullWhen(true)] out SoldModel? sold)
    {
        sold = models.Find(name).TryGet(out var model, out _) ? Sold(model) : null;
        return sold is not null;
    }

    private SoldModel? Sold(ModelSpec model) => prices.PriceOf(model, clock.GetUtcNow()).TryGet(out var price, out _) ? new SoldModel(model, price) : null;
}

public sealed record SoldModel(ModelSpec Model, Price Price);
