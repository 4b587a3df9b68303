using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using ServerlessImages.Storage;

namespace ServerlessImages.Identity;

/// <summary>
/// The keys under which sessions and forms are protected, the same for every instance: blobs <c>dataprotection/000001</c> and on, encrypted
/// (<see cref="PepperXmlEncryptor"/>). What is put under a name stays, so that two instances that add at once take one number each, and none is ever lost.
/// </summary>
/// <remarks>A key is made every 90 days, so the list is short. The framework knows no asynchronous repository; it asks once a day, and at the first session.</remarks>
internal sealed class KeyRing(IBlobStore blobs) : IXmlRepository
{
    private const int ElementsMax = 10_000;

    public IReadOnlyCollection<XElement> GetAllElements() => ReadAllAsync().GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => StoreAsync(element).GetAwaiter().GetResult();

    private async Task<List<XElement>> ReadAllAsync()
    {
        var elements = new List<XElement>();
        while (await blobs.OpenAsync(Name(elements.Count + 1), CancellationToken.None) is { } content)
        {
            await using var stream = content.Stream;
            elements.Add(await XElement.LoadAsync(stream, LoadOptions.None, CancellationToken.None));
        }

        return elements;
    }

    private async Task StoreAsync(XElement element)
    {
        var bytes = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        for (var number = 1; number <= ElementsMax; number++)
        {
            if (await blobs.PutAsync(Name(number), bytes, "application/xml", note: "", CancellationToken.None)) return;
        }

        throw new InvalidOperationException($"There are {ElementsMax} data-protection keys.");
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"dataprotection/{number:D6}");
}
