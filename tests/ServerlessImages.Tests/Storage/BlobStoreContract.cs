using System.Text;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

/// <summary>What every blob store promises. Run on memory, a folder and Azurite, so that none can drift.</summary>
public abstract class BlobStoreContract
{
    // A name of its own for every test: Azurite serves them all at once.
    private readonly string name = $"r/a_1/{Guid.NewGuid():N}/image-0.png";

    private protected abstract Task<IBlobStore> StoreAsync();

    [Fact]
    public async Task What_was_put_is_read_with_its_note_length_and_type()
    {
        Assert.True(await PutAsync("bytes", "{\"charge\":5}"));

        Assert.Equal(("bytes", 5, "image/png"), await ReadAsync());
        Assert.Equal("{\"charge\":5}", await (await StoreAsync()).FindNoteAsync(name, Cancel));
    }

    [Fact]
    public async Task What_was_never_put_is_not_there()
    {
        var store = await StoreAsync();

        Assert.Null(await store.FindNoteAsync(name, Cancel));
        Assert.Null(await store.OpenAsync(name, Cancel));
    }

    [Fact]
    public async Task A_second_put_leaves_the_first()
    {
        await PutAsync("first", "1");

        Assert.False(await PutAsync("second!", "2"));
        Assert.Equal(("first", 5, "image/png"), await ReadAsync());
        Assert.Equal("1", await (await StoreAsync()).FindNoteAsync(name, Cancel));
    }

    [Fact]
    public async Task Of_16_puts_at_once_one_wins_with_bytes_and_note_of_its_own()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => PutAsync($"bytes of {number}", $"{number}")));

        Assert.Single(wins, win => win);
        var winner = Array.IndexOf(wins, value: true);
        Assert.Equal($"bytes of {winner}", (await ReadAsync())?.Text);
        Assert.Equal($"{winner}", await (await StoreAsync()).FindNoteAsync(name, Cancel));
    }

    [Fact]
    public async Task Deleting_removes_bytes_and_note_and_frees_the_name()
    {
        var store = await StoreAsync();
        await PutAsync("first", "1");

        await store.DeleteAsync(name, Cancel);

        Assert.Null(await store.FindNoteAsync(name, Cancel));
        Assert.Null(await store.OpenAsync(name, Cancel));
        Assert.True(await PutAsync("second", "2"));
    }

    [Fact]
    public async Task Deleting_what_is_not_there_is_no_error() => await (await StoreAsync()).DeleteAsync(name, Cancel);

    [Fact]
    public async Task Empty_bytes_and_an_empty_note_are_kept()
    {
        await PutAsync("", "");

        Assert.Equal(("", 0, "image/png"), await ReadAsync());
        Assert.Equal("", await (await StoreAsync()).FindNoteAsync(name, Cancel));
    }

    [Fact]
    public async Task Megabytes_come_back_as_they_were()
    {
        var bytes = new byte[5_000_000];
        for (var index = 0; index < bytes.Length; index++) bytes[index] = (byte)(index * 31);
        await (await StoreAsync()).PutAsync(name, bytes, "image/webp", "note", Cancel);

        var content = await (await StoreAsync()).OpenAsync(name, Cancel);

        await using var stream = content!.Stream;
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);
        Assert.Equal(bytes, read.ToArray());
    }

    [Fact]
    public async Task A_note_keeps_every_character_up_to_its_limit()
    {
        var note = "Grüße, 世界 🎨\r\n\"<>&%+" + new string('x', BlobLimits.NoteBytesMax - 35);

        await PutAsync("bytes", note);

        Assert.Equal(note, await (await StoreAsync()).FindNoteAsync(name, Cancel));
        Assert.InRange(Encoding.UTF8.GetByteCount(note), BlobLimits.NoteBytesMax - 10, BlobLimits.NoteBytesMax);
    }

    [Fact]
    public async Task A_note_beyond_its_limit_is_refused_and_nothing_is_stored()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await PutAsync("bytes", new string('x', BlobLimits.NoteBytesMax + 1)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await PutAsync("bytes", new string('é', (BlobLimits.NoteBytesMax / 2) + 1)));

        Assert.Null(await (await StoreAsync()).FindNoteAsync(name, Cancel));
    }

    [Theory]
    [InlineData(""), InlineData("/"), InlineData("/a"), InlineData("a/"), InlineData("a//b"), InlineData("."), InlineData(".."), InlineData("a/../b"), InlineData("../a"), InlineData("a/./b")]
    [InlineData("a\\b"), InlineData("a b"), InlineData("a:b"), InlineData("a~b"), InlineData("é"), InlineData("a\0b"), InlineData("a.json"), InlineData("a.JSON/b"), InlineData("a%2e%2e")]
    public async Task A_name_out_of_the_alphabet_is_refused_by_every_method(string wrong)
    {
        var store = await StoreAsync();

        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutAsync(wrong, new byte[1], "image/png", "", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.FindNoteAsync(wrong, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.OpenAsync(wrong, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.DeleteAsync(wrong, Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<bool> PutAsync(string text, string note) => await (await StoreAsync()).PutAsync(name, Encoding.UTF8.GetBytes(text), "image/png", note, Cancel);

    private async Task<(string Text, long LengthBytes, string ContentType)?> ReadAsync()
    {
        var content = await (await StoreAsync()).OpenAsync(name, Cancel);
        if (content is null) return null;
        using var reader = new StreamReader(content.Stream);
        return (await reader.ReadToEndAsync(Cancel), content.LengthBytes, content.ContentType);
    }
}
