using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Keys;

public sealed class ApiKeyTests
{
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = Sample.Clock();
    private readonly InMemoryTableStore store = new();
    private readonly Peppers peppers = new(new Dictionary<int, byte[]> { [1] = new byte[32] });

    [Fact]
    public void A_key_has_its_published_shape() =>
        Assert.Matches("^si_live_[0-9A-Za-z]{50}$", ApiKeyText.Mint(new SeededEntropy(), livemode: true).Text);

    [Fact]
    public void Any_changed_letter_is_told_from_a_key_without_a_store()
    {
        var text = ApiKeyText.Mint(new SeededEntropy(), livemode: true).Text;
        for (var index = 0; index < text.Length; index++)
        {
            var changed = text[..index] + (text[index] == 'x' ? 'y' : 'x') + text[(index + 1)..];
            Assert.Null(ApiKeyText.Parse(changed));
        }

        Assert.NotNull(ApiKeyText.Parse(text));
        Assert.Null(ApiKeyText.Parse(text + "0"));
        Assert.Null(ApiKeyText.Parse(""));
    }

    [Fact]
    public void A_key_prints_without_its_secret()
    {
        var key = ApiKeyText.Mint(new SeededEntropy(), livemode: true);

        Assert.Equal($"si_live_{key.KeyId}…", key.ToString());
    }

    [Fact]
    public async Task A_minted_key_finds_its_account_and_its_scopes()
    {
        var text = await MintAsync(Scope.ImagesGenerate);

        var caller = (await Authenticate().RunAsync(text.Text, from: null, Cancel)).Value();

        Assert.Equal(("acct_1", text.KeyId), (caller.Account.Id, caller.Key.Id));
        Assert.Equal([Scope.ImagesGenerate], caller.Key.Scopes);
    }

    [Fact]
    public async Task The_store_holds_no_part_of_the_secret()
    {
        var text = await MintAsync(Scope.ImagesGenerate);

        var row = await store.FindAsync(TableNames.Keys, text.KeyId, "K", Cancel);

        Assert.DoesNotContain(row!.Columns, column => column.Value is string value && value.Contains(text.Text[20..30], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_wrong_and_revoked_get_the_same_answer()
    {
        var text = await MintAsync(Scope.ImagesGenerate);
        var unknown = ApiKeyText.Mint(new SeededEntropy(7), livemode: true);
        var otherPepper = new Authenticate(new(store, clock), Accounts(), new(store, clock), new(new Dictionary<int, byte[]> { [1] = [.. new byte[31], 1] }), clock);

        Assert.Equal(ApiError.InvalidApiKey, (await Authenticate().RunAsync("nonsense", from: null, Cancel)).Error());
        Assert.Equal(ApiError.InvalidApiKey, (await Authenticate().RunAsync(unknown.Text, from: null, Cancel)).Error());
        Assert.Equal(ApiError.InvalidApiKey, (await otherPepper.RunAsync(text.Text, from: null, Cancel)).Error());
        Assert.Equal(ApiError.InvalidApiKey, (await Authenticate(await AddAsync(revoked: true)).RunAsync(Added.Text, from: null, Cancel)).Error());
    }

    [Fact]
    public async Task An_expired_key_says_so_to_its_owner()
    {
        var keys = await AddAsync(expiresAt: Sample.Now.AddMinutes(1));
        Assert.Equal("acct_1", (await Authenticate(keys).RunAsync(Added.Text, from: null, Cancel)).Value().Account.Id);

        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ApiError.KeyExpired, (await Authenticate(keys).RunAsync(Added.Text, from: null, Cancel)).Error());
    }

    [Fact]
    public async Task A_row_without_a_hash_lets_nobody_in()
    {
        await Accounts().OpenAsync(new("acct_1", "Sample", "standard", Sample.Now), Cancel);
        await store.CommitAsync(TableNames.Keys, Added.KeyId, [RowWrite.Insert("K", new Columns { { "AccountId", "acct_1" }, { "Livemode", 1 } })], Cancel);

        Assert.Equal(ApiError.InvalidApiKey, (await Authenticate().RunAsync(Added.Text, from: null, Cancel)).Error());
    }

    [Fact]
    public async Task A_key_whose_pepper_is_gone_is_no_key()
    {
        var text = await MintAsync(Scope.ImagesGenerate);
        var later = new Authenticate(new(store, clock), Accounts(), new(store, clock), new(new Dictionary<int, byte[]> { [2] = new byte[32] }), clock);

        Assert.Equal(ApiError.InvalidApiKey, (await later.RunAsync(text.Text, from: null, Cancel)).Error());
    }

    private static ApiKeyText Added { get; } = ApiKeyText.Mint(new SeededEntropy(3), livemode: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<ApiKeyDirectory> AddAsync(bool revoked = false, DateTimeOffset? expiresAt = null)
    {
        await Accounts().OpenAsync(new("acct_1", "Sample", "standard", Sample.Now), Cancel);
        var keys = new ApiKeyDirectory(store, clock);
        await keys.AddAsync(new(Added.KeyId, "acct_1", true, peppers.Hash(Added, 1)!, 1, [], Sample.Now, expiresAt, revoked), Cancel);
        return keys;
    }

    private async Task<ApiKeyText> MintAsync(params string[] scopes)
    {
        await Accounts().OpenAsync(new("acct_1", "Sample", "standard", Sample.Now), Cancel);
        return await new MintApiKey(new(store, clock), new(store, new(store, clock)), peppers, new SeededEntropy(), clock).RunAsync("acct_1", scopes, Cancel);
    }

    private AccountDirectory Accounts() => new(store, PlanCatalog.Parse(PlanCatalog.ShippedJson), clock);

    private Authenticate Authenticate(ApiKeyDirectory? keys = null) => new(keys ?? new(store, clock), Accounts(), new(store, clock), peppers, clock);
}
