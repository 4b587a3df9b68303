using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>The models that can be bought now: those with a price in force. The others do not exist for a caller.</summary>
public sealed class SoldModels(ModelCatalog models, PriceList prices, TimeProvider clock)
{
    /// <returns>Or <c>storage_unavailable</c>.</returns>
    public async Task<Result<IReadOnlyList<SoldModel>>> AllAsync(CancellationToken cancel)
    {
        if (!(await prices.CurrentAsync(cancel)).TryGet(out var book, out var error)) return error;
        return models.Models.Select(model => Sold(book, model)).OfType<SoldModel>().ToArray();
    }

    /// <param name="name">An id or an alias.</param>
    /// <returns>Or <c>model_not_found</c>, <c>storage_unavailable</c>.</returns>
    public async Task<Result<SoldModel>> FindAsync(string name, CancellationToken cancel)
    {
        if (!(await prices.CurrentAsync(cancel)).TryGet(out var book, out var error)) return error;
        return models.Find(name).TryGet(out var model, out _) && Sold(book, model) is { } sold ? sold : ApiError.ModelNotFound;
    }

    private SoldModel? Sold(PriceBook book, ModelSpec model) => book.PriceOf(model, clock.GetUtcNow()).TryGet(out var price, out _) ? new SoldModel(model, price) : null;
}

public sealed record SoldModel(ModelSpec Model, Price Price);
