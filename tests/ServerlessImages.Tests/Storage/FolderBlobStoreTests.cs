using ServerlessImages.Files;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class FolderBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FolderBlobStore store;

    public FolderBlobStoreTests() => store = new FolderBlobStore(folder.Path);

    private protected override Task<IBlobStore> StoreAsync() => Task.FromResult<IBlobStore>(store);

    [Fact]
    public async Task A_file_that_is_no_blob_is_not_there_and_does_not_take_the_name()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "image"), "left by a crash", Cancel);

        Assert.Null(await store.FindNoteAsync("image", Cancel));
        Assert.Null(await store.OpenAsync("image", Cancel));
        Assert.True(await store.PutAsync("image", "whole"u8.ToArray(), "image/png", "note", Cancel));

        await using var stream = (await store.OpenAsync("image", Cancel))!.Stream;
        Assert.Equal("whole", await new StreamReader(stream).ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task Puts_of_one_name_at_once_leave_one_file()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.PutAsync("r/image.png", new byte[100], "image/png", "note", Cancel)));

        Assert.Equal(["image.png"], Directory.GetFiles(Path.Combine(folder.Path, "r")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_a_store_that_cannot_be_asked()
    {
        await store.PutAsync("file", new byte[1], "image/png", "", Cancel);

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PutAsync("file/below", new byte[1], "image/png", "", Cancel));
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
