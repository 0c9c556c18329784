"""Order fulfilment: parallel services, compensation, an approval by a person, one nested shipment per parcel."""
